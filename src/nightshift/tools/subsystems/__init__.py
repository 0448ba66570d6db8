"""What is read of things that have no page of their own: quorum, replication, certificates, jobs of the backup server."""
