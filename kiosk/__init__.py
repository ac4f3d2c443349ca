"""What a browser sees; the built terminal and console travel with the wheel as ``kiosk/dist``."""
