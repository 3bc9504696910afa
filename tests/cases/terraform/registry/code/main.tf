module "vpc" {
  source = "terraform-aws-modules/vpc/aws"

  enable_nat_gateway = true
}
