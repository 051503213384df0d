"""Items of the ledger, a file for each kind of evidence."""
