"""演示: the Luohe poll with real units and census figures; what had to be made up is marked so."""
