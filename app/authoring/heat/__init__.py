"""Where cases stand and what takes long, laid over the diagram."""
