"""Finding cases by words: our own tokens of names, places, codes, telephone tails and what happened."""
