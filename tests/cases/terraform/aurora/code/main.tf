resource "aws_rds_cluster" "db_cluster" {
  cluster_identifier = "aurora-cluster-demo"
  engine             = "aurora-postgresql"
}
