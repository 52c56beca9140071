"""Imported by every Python started for a peer: it reaches this machine and no other."""

from actionmail.gateways.http.network_lockdown import forbid_other_hosts

forbid_other_hosts()
