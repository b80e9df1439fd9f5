"""Files: the inputs that paths name, archives and standard input as blocks; outputs that appear whole or not at all.

It knows paths, descriptors and packed bytes. It never knows what a byte of a claim file means.
"""
