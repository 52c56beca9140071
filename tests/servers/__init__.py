"""Real mail servers and brokers, for tests alone: each from Debian's packages, in a folder of its own, on 127.0.0.1.

A server sees nothing but its folder (chroot): no user, no configuration and no queue of this machine is touched, and a
Postfix that is installed here does not mind. Only root can start one.
"""
