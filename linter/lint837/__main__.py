"""`python -m lint837`: the command line."""

from lint837.commands.main import main

main()
