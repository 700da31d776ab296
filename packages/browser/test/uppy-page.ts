import AwsS3 from '@uppy/aws-s3';
import Uppy from '@uppy/core';
import Tus from '@uppy/tus';
import XHRUpload from '@uppy/xhr-upload';
import * as tus from 'tus-js-client';

// The clients as npm has them, on the page of a test.
Object.assign(globalThis, { clients: { Uppy, AwsS3, Tus, XHRUpload, tus } });
