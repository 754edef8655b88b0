"""Who else says who somebody is: providers of identities behind one port, each attempt answered once."""
