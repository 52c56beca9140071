"""Papers that are printed and handed over."""
