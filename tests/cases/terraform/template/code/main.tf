resource "aws_autoscaling_group" "example" {
  desired_capacity = 1
  max_size         = 1
  min_size         = 1

  launch_template {
    id = aws_launch_template.example.id
  }
}

resource "aws_launch_template" "example" {
  instance_type = "t2.micro"
}
