"""Files from outside into our tables: each importer accepts rows, or refuses them and says why."""
