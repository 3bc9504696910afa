variable "env" {}

resource "aws_launch_template" "foobar" {
  name_prefix   = "rds-${var.env}"
  instance_type = "t3.large"
}

resource "aws_autoscaling_group" "lt" {
  desired_capacity = 2
  max_size         = 10
  min_size         = 1

  launch_template {
    id = aws_launch_template.foobar.id
  }
}

resource "aws_autoscaling_group" "mixed" {
  desired_capacity = 3
  max_size         = 15
  min_size         = 2

  mixed_instances_policy {
    launch_template {
      launch_template_specification {
        launch_template_name = aws_launch_template.foobar.name
      }
      override {
        instance_type = "c4.large"
      }
    }
  }
}
