variable "name" {
  type = string
}

resource "aws_instance" "ecr_repository" {
  instance_type = "t3.micro"
}
