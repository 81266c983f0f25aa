"""Write a feature from a line: what it is called, its fields, and the code that is made of them."""
