resource "aws_eks_cluster" "example" {
  name = "example"
}

resource "aws_launch_template" "foo" {
  instance_type = "t2.micro"
}

resource "aws_eks_node_group" "example" {
  cluster_name   = aws_eks_cluster.example.name
  instance_types = ["t3.large"]

  scaling_config {
    desired_size = 1
    max_size     = 2
    min_size     = 1
  }

  launch_template {
    id = aws_launch_template.foo.id
  }
}
