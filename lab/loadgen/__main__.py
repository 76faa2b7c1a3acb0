"""`python -m lab.loadgen …`."""

from lab.loadgen.cli import main

raise SystemExit(main())
