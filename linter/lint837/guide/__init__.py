"""The implementation guides: whether the segments of a slice are those that the guide of its transaction set asks for.

It knows pyx12's maps, loops, usage and lengths. It knows no drug, no rule and no sentence, and never keeps a value.
"""
