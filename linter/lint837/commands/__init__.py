"""Commands: the command line, one module a command.

It knows options, usage errors and exit statuses. Nothing imports it.
"""
