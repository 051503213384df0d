"""The families of networks: a file each builds its specs and says what is published."""
