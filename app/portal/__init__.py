"""What residents see: a case by its code in public words, and a party's own part by a personal link."""
