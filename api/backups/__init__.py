"""Backups (备份): one copy at one moment, with everything that is needed to tell later whether it is whole."""
