module "eks" {
  source = "./module-eks"
}
