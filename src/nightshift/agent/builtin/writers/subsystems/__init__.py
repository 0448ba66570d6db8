"""Writers about quorum, high availability, replication, certificates and their like."""
