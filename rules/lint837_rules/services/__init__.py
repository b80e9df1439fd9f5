"""SVC, DTM: what a service line bills, and when. For every claim."""
