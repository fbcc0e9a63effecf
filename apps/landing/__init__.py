"""What customers see of campaigns: personal pages and the page of opting out. Nobody signs in, no cookie is read."""
