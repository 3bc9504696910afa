resource "aws_elb" "bar" {
  name = "foobar-terraform-elb"
}
