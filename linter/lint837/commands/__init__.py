"""Commands: the command line, one module a command.

It knows options, exit statuses and what a user types. Nothing imports it.
"""
