"""Results as pages and pictures that need nothing else: of evaluations for Job and command line, of rehearsals."""
