"""A small county with named people, to try the product and to test it with."""
