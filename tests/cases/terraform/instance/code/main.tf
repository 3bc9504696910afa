resource "aws_instance" "web_app" {
  instance_type = "m5.4xlarge"

  root_block_device {
    volume_size = 50
  }
}

resource "aws_lambda_function" "hello_world" {
  runtime     = "nodejs12.x"
  memory_size = 1024
}
