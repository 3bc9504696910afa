resource "aws_db_instance" "default" {
  allocated_storage = 20
  instance_class    = "db.t2.micro"
}
