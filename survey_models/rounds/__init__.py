"""评议周期: scheme version, units, period; a stand-alone poll is a round with one component."""
