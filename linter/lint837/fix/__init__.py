"""Fix: the corrections of findings applied to a claim file, written, proved and published.

It applies what rules offer and decides nothing itself: no alternative, nothing on a claim that could not be checked.
"""
