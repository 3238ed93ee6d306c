"""Dispute types, channels, tags and risk colours: their words, their order and their days."""
