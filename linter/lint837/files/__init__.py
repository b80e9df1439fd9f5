"""Files: paths, archives and standard input as blocks of bytes; outputs that appear whole or not at all.

It knows paths, descriptors and compressed bytes. It never knows what a byte of a claim file means.
"""
