"""What differs between operating systems: directories, single instance, wake-up, notifications."""
