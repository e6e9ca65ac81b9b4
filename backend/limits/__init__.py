"""How often one may ask: counted over all API processes, mostly without asking the database."""
