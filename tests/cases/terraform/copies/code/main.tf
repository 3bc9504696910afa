variable "ecr_repositories" {
  default = {
    repository_1 = { name = "bar1" }
    repository_2 = { name = "bar2" }
  }
}

module "ecr_repository" {
  source   = "./modules/ecr_module"
  for_each = var.ecr_repositories
  name     = each.key
}
