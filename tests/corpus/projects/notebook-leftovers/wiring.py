#!/usr/bin/env python
# coding: utf-8

# # Wiring
# In[1]:


import numpy as np
import pandas as pd
from models import predict


# In[2]:


LIFESPANS = [predict.lifespan]
MIDDLEWARE = []
ROUTERS = [predict.router]
READINESS = {}
MIGRATIONS = []


# In[3]:


# get_ipython().system('pip install redis')
pd.DataFrame(np.zeros((2, 2)))
