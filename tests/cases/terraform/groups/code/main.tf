variable "env" {
  type = string
}

module "magento" {
  source = "./module"
  env    = var.env
}
