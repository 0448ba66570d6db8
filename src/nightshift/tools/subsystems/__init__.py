"""What is read of what has no page of its own: quorum, replication, certificates, jobs of the backup server."""
