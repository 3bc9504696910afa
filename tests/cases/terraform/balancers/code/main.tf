resource "aws_subnet" "test-subnet-pubA" {
  cidr_block = "10.0.0.0/24"
}

resource "aws_subnet" "test-subnet-pubB" {
  cidr_block = "10.0.1.0/24"
}

resource "aws_lb" "nlb-noncompliant" {
  internal           = false
  load_balancer_type = "network"
  subnets            = ["${aws_subnet.test-subnet-pubA.id}", "${aws_subnet.test-subnet-pubB.id}"]
}
