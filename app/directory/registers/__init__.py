"""Words with days on which they hold: dispute types, channels, tags of people, risk colours."""
