"""The server-rendered pages: the phone form (评议票), its receipt and the start page."""
