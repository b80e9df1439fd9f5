"""The HTML report: one page that needs nothing else.

It knows elements, styles and the order of a page. It never makes markup of a text.
"""
