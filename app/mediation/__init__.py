"""What mediation leaves on the case: consent and signatures of the parties, the sessions."""
