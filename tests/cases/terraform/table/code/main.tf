resource "aws_dynamodb_table" "test" {
  billing_mode   = "PROVISIONED"
  read_capacity  = 20
  write_capacity = 20
}

resource "aws_kms_key" "test" {
  description = "Test"
}
